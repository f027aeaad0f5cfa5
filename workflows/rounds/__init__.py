"""The product's own rounds: schedules, and workflows of one activity each."""
