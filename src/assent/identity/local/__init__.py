"""The local module: people of our own, with argon2id passwords and a throttle on guessing."""
