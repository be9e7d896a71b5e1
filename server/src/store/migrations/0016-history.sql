-- What records were before. One chain leads through it: each record names the change that was its last one, by the number
-- of its task or single write, and the image that is kept there names the change before. null: none is known.
alter table muster.customer add column last_change bigint;
alter table muster.organization add column last_change bigint;

-- What the task's items found in what they changed, a JSON object by their index: old values of changed keys only. What an
-- item created has no image: its result says so.
alter table muster.task add column images text collate "C";
alter table muster.task add column deleted_count integer not null default 0;

-- A write of one record that was no task; its number is from the same sequence as theirs.
create table muster.single_write (
  site_id uuid not null,
  number bigint not null,
  token_id uuid not null,
  written_at timestamptz not null default clock_timestamp(),
  -- What it found in the record; null for a record that was created without associations.
  image text collate "C",
  primary key (site_id, number)
);

do $$
begin
  alter table muster.single_write enable row level security;
  alter table muster.single_write force row level security;
  create policy bound_site on muster.single_write
    using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()));
end
$$;
alter table muster.single_write
  set (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);
alter table muster.single_write alter column site_id set statistics 0;

do $$
begin
  alter table muster.task alter column images set compression lz4;
exception when feature_not_supported then
  null;
end
$$;
