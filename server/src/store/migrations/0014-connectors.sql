-- What brings records from another program again and again: how far it has come, and who carries it out. The process that
-- does holds it for a while and says so again and again; when it dies, the hold runs out.
create table muster.connector (
  site_id uuid not null,
  name text collate "C" not null,
  -- JSON of the connector's own, kept as it was sent: only the connector reads it.
  state text not null default '{}',
  run_id uuid,
  holder uuid,
  held_until timestamptz,
  primary key (site_id, name)
);

create table muster.connector_run (
  site_id uuid not null,
  name text collate "C" not null,
  run_id uuid not null default muster.new_id(),
  status text collate "C" not null check (status in ('RUNNING', 'STOPPED', 'FAILED', 'COMPLETED')),
  -- Counts and the like, as the connector tells them; JSON as for the state.
  report text not null default '{}',
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (site_id, name, run_id),
  foreign key (site_id, name) references muster.connector on delete cascade
);

do $$
declare
  owned text;
begin
  foreach owned in array array['connector', 'connector_run'] loop
    execute format('alter table muster.%I enable row level security', owned);
    execute format('alter table muster.%I force row level security', owned);
    execute format(
      'create policy bound_site on muster.%I using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()))',
      owned);
  end loop;
end
$$;
