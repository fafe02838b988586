-- KEYS: the record, its link. ARGV: the report, its document.
return apply(KEYS[1], ARGV[1], ARGV[2])
