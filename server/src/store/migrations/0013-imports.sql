-- A file that is sent to the server. It is cut into tasks while it arrives; each part of it is saved in the transaction that
-- accepts its task, so received_bytes never says more, or less, than what will be carried out.
create table muster.import (
  site_id uuid not null,
  import_id uuid not null default muster.new_id(),
  idempotency_key text collate "C" not null,
  -- SHA-256 of what was asked for beside the file: the operation, whether it is a dry run, how columns are read.
  request bytea not null,
  operation text collate "C" not null,
  format text not null check (format in ('jsonl', 'csv')),
  dry_run boolean not null,
  -- Of a CSV, what its columns become and how it is written: found out once, from its beginning.
  plan jsonb,
  created_at timestamptz not null default clock_timestamp(),
  received_at timestamptz not null default clock_timestamp(),
  total_bytes bigint,
  received_bytes bigint not null default 0,
  -- Lines behind which the rest of the file begins, as an editor counts them.
  received_lines bigint not null default 0,
  part_count integer not null default 0,
  item_count bigint not null default 0,
  unreadable_count bigint not null default 0,
  -- Whether the whole file is there.
  is_whole boolean not null default false,
  canceled_at timestamptz,
  -- What became of it, counted once for all: its tasks are forgotten one by one, and it with the last of them.
  ended_at timestamptz,
  created_count bigint,
  updated_count bigint,
  unchanged_count bigint,
  skipped_count bigint,
  failed_count bigint,
  primary key (site_id, import_id),
  unique (site_id, idempotency_key)
);

-- Lines of a file that are one task, as they were sent: results are shown beside them.
create table muster.import_part (
  site_id uuid not null,
  import_id uuid not null,
  part integer not null,
  first_line bigint not null,
  -- Where it ends in the file, and the SHA-256 of its bytes: a file that is sent again is told by them.
  end_byte bigint not null,
  digest bytea not null,
  item_count integer not null,
  lines text collate "C" not null,
  -- Lines that are no item, and why: a JSON list.
  unreadable text collate "C",
  primary key (site_id, import_id, part),
  foreign key (site_id, import_id) references muster.import on delete cascade
);

do $$
begin
  alter table muster.import_part alter column lines set compression lz4, alter column unreadable set compression lz4;
exception when feature_not_supported then
  null;
end
$$;

-- As for the other tables, see 0002.
alter table muster.import alter column site_id set statistics 0;
alter table muster.import_part
  set (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);
alter table muster.import_part alter column site_id set statistics 0;

do $$
declare
  owned text;
begin
  foreach owned in array array['import', 'import_part'] loop
    execute format('alter table muster.%I enable row level security', owned);
    execute format('alter table muster.%I force row level security', owned);
    execute format(
      'create policy bound_site on muster.%I using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()))',
      owned);
  end loop;
end
$$;
