"""Discovery: which alarms are patterns, at a stated share of false ones."""
