"""What sets up an environment, and what clears results away: needs nothing but Python."""
