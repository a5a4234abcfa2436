-- By what new tracks find their place on a map that stands: safetensors, see workflows/grow.py.
ALTER TABLE layout ADD COLUMN model BLOB;
