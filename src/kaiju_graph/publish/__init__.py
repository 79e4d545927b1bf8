"""What others get: slices, profiles, the release with its description and pages."""
