-- KEYS: the record, its link. ARGV: the report, where its reference ends, its document.
return apply(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
