"""Reports on paper: one nonconformity as PDF or DOCX, and the log of many as XLSX or CSV (docs/reports.md)."""
