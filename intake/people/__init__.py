"""Who receives: mechanisms and the programs that read for them."""
