"""What a run shows: statistics, tables, the HTML report."""
