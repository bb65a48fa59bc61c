"""What people look at: tables, pictures and pages; nothing here computes what the studies did not."""
