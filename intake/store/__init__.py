"""Where payloads lie: the contract in `blobs`, local files in `local`."""
