"""The points in GLSL, for OpenGL 3.3 core and OpenGL ES 3; the same arithmetic as `space.screen` and `space.splat`."""

from __future__ import annotations

CORE = "#version 330 core\n"
EMBEDDED = "#version 300 es\nprecision highp float;\n"  # both put before what follows here

VERTEX = """
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 colour;
layout(location = 2) in float size;
uniform mat4 world_to_clip;
uniform float point_scale;   // radius in pixels of size 1 at depth 1
uniform vec2 radius_range;   // pixels
uniform vec2 fog_range;      // depths
uniform float fog_most;
uniform vec3 ground;
uniform float quick;         // 1 for squares of the same area
flat out vec4 tint;
flat out float radius;
flat out float extent;
void main() {
    gl_Position = world_to_clip * vec4(position, 1.0);
    float depth = gl_Position.w;
    float fog = clamp((depth - fog_range.x) / (fog_range.y - fog_range.x), 0.0, 1.0) * fog_most;
    radius = clamp(size * point_scale / max(depth, 0.01), radius_range.x, radius_range.y);
    tint = vec4(mix(colour.rgb, ground, fog), colour.a);
    extent = quick > 0.5 ? 1.8 * radius : 2.0 * radius + 1.0;
    gl_PointSize = extent;
}
"""

POINT = """
uniform vec2 lamp;   // see `space.shading`
uniform vec4 shade;  // towards, least, slope, bend
flat in vec4 tint;
flat in float radius;
flat in float extent;
out vec4 result;
void main() {
    vec2 offset = (gl_PointCoord - 0.5) * extent;
    float away = length(offset);
    float alpha = clamp(radius - away + 0.5, 0.0, 1.0) * tint.a;
    vec2 unlit = offset / radius - lamp;
    float q = dot(unlit, unlit);
    float share = clamp(shade.y + q * (shade.z + q * shade.w), 0.0, 1.0);
    result = vec4(mix(tint.rgb, vec3(shade.x), share), alpha);
}
"""

# While a big cloud moves and the processor has to do the drawing.
QUICK = """
flat in vec4 tint;
out vec4 result;
void main() {
    result = tint;
}
"""

# The glow comes from `space.glow` as a coarse texture and fills the view: one triangle without a buffer.
FILL = """
uniform vec2 reach;  // share of the texture that the view covers
out vec2 place;
void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    place = vec2(corner.x, 1.0 - corner.y) * reach;
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
"""

GLOW = """
uniform sampler2D light;
in vec2 place;
out vec4 result;
void main() {
    result = vec4(texture(light, place).bgr, 1.0);  // packed pixels: blue comes first
}
"""
