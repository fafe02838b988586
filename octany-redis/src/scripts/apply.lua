-- KEYS: the record, its link. ARGV: the report.
return apply(KEYS[1], KEYS[2], 1)
