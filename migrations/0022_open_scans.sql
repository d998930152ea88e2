-- Each scan that ends asks whether any other of its sweep is still to come.
create index scan_open on scan (sweep_id) where status in ('queued', 'running');
