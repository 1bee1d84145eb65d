"""The lookup API: HTTP in, Redis out. It needs neither torch nor Faust, and Kafka only for posted events."""
