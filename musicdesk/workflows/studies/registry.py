"""The studies there are, by name, filled explicitly."""

from __future__ import annotations

from musicdesk.core.registry import Registry
from musicdesk.workflows.studies import autoencoder, recommendation
from musicdesk.workflows.studies.study import Study


def studies() -> Registry[Study]:
    registry: Registry[Study] = Registry("study")
    found: tuple[Study, ...] = (autoencoder.STUDY, recommendation.STUDY)
    for study in found:
        registry.add(study.name, study)
    return registry
