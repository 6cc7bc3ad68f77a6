"""What happened, in order, per mechanism: appended in the transaction it belongs to."""
