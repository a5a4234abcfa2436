"""The studies there are, by name, filled explicitly."""

from __future__ import annotations

from musicdesk.core.registry import Registry
from musicdesk.workflows.studies import (
    autoencoder,
    content_aware,
    features,
    kkbox,
    profile_removal,
    recommendation,
    scaling,
    search,
    similarity,
    tagging,
)
from musicdesk.workflows.studies.study import Study


def studies() -> Registry[Study]:
    registry: Registry[Study] = Registry("study")
    found: tuple[Study, ...] = (
        recommendation.STUDY,
        autoencoder.STUDY,
        kkbox.STUDY,
        features.STUDY,
        similarity.STUDY,
        scaling.STUDY,
        search.STUDY,
        profile_removal.STUDY,
        tagging.STUDY,
        content_aware.STUDY,
    )
    for study in found:
        registry.add(study.name, study)
    return registry
