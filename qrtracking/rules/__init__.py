"""Pure rules on plain values: no database, no clock, no settings."""
