"""What is kept: tables, queries, migrations, Redis. Nothing here knows Temporal."""
