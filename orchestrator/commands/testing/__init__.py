"""Commands of those who test journeys: scenarios, made-up customers, replays."""
