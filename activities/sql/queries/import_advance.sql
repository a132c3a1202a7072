-- Keeps the receipts of the next items of an import and counts them, unless another reader was here before; answers
-- whether it is to be cancelled, no row where another was. Without receipts, only how it was read is kept.
WITH moved AS (
    UPDATE closeout.imports SET
        next = $3 + cardinality($4::text []), read_as = $6, notes = $7, total = coalesce($8, total),
        touched_at = clock_timestamp(),
        created = created + cardinality(array_positions($4, 'created')),
        duplicate = duplicate + cardinality(array_positions($4, 'duplicate')),
        updated = updated + cardinality(array_positions($4, 'updated')),
        recurred = recurred + cardinality(array_positions($4, 'recurred')),
        skipped = skipped + cardinality(array_positions($4, 'skipped')),
        rejected = rejected + cardinality(array_positions($4, 'rejected'))
    WHERE tenant = $1 AND id = $2 AND next = $3 AND ended_at IS NULL
    RETURNING cancelling
), kept AS (
    INSERT INTO closeout.import_items (tenant, import, place, last, results, told)
    SELECT $1, $2, $3, $3 + cardinality($4) - 1, $4, $5::text []
    WHERE cardinality($4) > 0 AND EXISTS (SELECT FROM moved)
)
SELECT cancelling FROM moved
