"""What we show and what leaves the building: charts, tables, packs."""
