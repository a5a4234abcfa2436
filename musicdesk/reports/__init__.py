"""A room for reports: what a study or an evaluation found, as values, and as pages, tables and plots."""
