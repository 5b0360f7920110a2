"""The database: tables, the ledger that alone moves a reservation, and the sealed evidence."""
