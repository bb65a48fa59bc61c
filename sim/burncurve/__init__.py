"""What an AI-agent workload will cost before you run it, and why."""
