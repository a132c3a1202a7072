-- Enters and reads a page of committee reviews, as JSON; one row.
SELECT * FROM closeout.page_of_committee_reviews($1, $2, $3, $4, $5, $6, $7, $8)
