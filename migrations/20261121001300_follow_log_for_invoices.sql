-- What was booked before invoices could be issued is invoiced when somebody asks for it, or when it changes.
INSERT INTO process (name, position)
SELECT 'invoices', position
  FROM log_head
 WHERE shard = 0;
