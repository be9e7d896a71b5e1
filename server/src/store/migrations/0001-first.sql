-- Every site-owned table begins its keys with site_id and is under row-level security: the program binds
-- muster.site in each transaction and sees that site alone.

-- A UUID in time order (RFC 9562, version 7); PostgreSQL has uuidv7() only from 18 on.
create function muster.new_id() returns uuid
language sql volatile parallel safe
return encode(
  set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid())
      placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
      from 1 for 6),
    52, 1), 53, 1),
  'hex')::uuid;

create function muster.bound_site() returns uuid
language sql stable parallel safe
return nullif(current_setting('muster.site', true), '')::uuid;

-- Not site-owned: looked up before the site is known.
create table muster.site (
  site_id uuid primary key default muster.new_id(),
  name text not null unique,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table muster.access_token (
  token_hash bytea primary key,
  token_id uuid not null unique default muster.new_id(),
  site_id uuid not null references muster.site,
  prefix text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

-- One row a site: whoever holds it is alone in applying that site's tasks and in changing its detail fields.
create table muster.lane (
  site_id uuid primary key
);

-- What the lane's holder is trying. It is written over another connection before the try and changed by the try's own
-- transaction, so whoever takes the lane and finds is_trying knows that the last holder ended in the middle.
create table muster.lane_note (
  site_id uuid primary key,
  is_trying boolean not null default false,
  -- Numbers of the first and the last task that are, or were last, tried.
  first bigint,
  last bigint,
  -- Tasks up to this number are taken one at a time, because one of them may have ended a worker.
  suspect_last bigint,
  -- Tries of the task "first" by itself.
  attempts integer not null default 0,
  retry_at timestamptz
);

create table muster.task (
  site_id uuid not null,
  task_id uuid not null default muster.new_id(),
  -- The order of acceptance. Two requests that were in flight together may have it either way.
  number bigint not null generated always as identity,
  operation text collate "C" not null,
  idempotency_key text collate "C" not null,
  fingerprint bytea not null,
  dry_run boolean not null,
  token_id uuid not null,
  item_count integer not null,
  -- The items as read, a JSON list. Gone when the task has ended; results keep what failed.
  items text collate "C",
  accepted_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  failed boolean not null default false,
  created_count integer not null default 0,
  updated_count integer not null default 0,
  unchanged_count integer not null default 0,
  skipped_count integer not null default 0,
  failed_count integer not null default 0,
  -- One entry an item, a JSON list.
  results text collate "C",
  -- The failed items as they were sent, a JSON object by their index; apart, because polls do not need it.
  failed_items text collate "C",
  primary key (site_id, task_id),
  unique (site_id, operation, idempotency_key)
);
create unique index task_by_number on muster.task (site_id, number);
create index task_unfinished on muster.task (site_id, number) where ended_at is null;

create table muster.customer (
  site_id uuid not null,
  customer_id uuid not null default muster.new_id(),
  email text not null,
  email_key text collate "C" not null,
  display_name text not null,
  details jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (site_id, customer_id),
  unique (site_id, email_key)
);

create table muster.organization (
  site_id uuid not null,
  organization_id bigint not null,
  name text not null,
  name_key text collate "C" not null,
  details jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (site_id, organization_id),
  unique (site_id, name_key)
);

create table muster.organization_counter (
  site_id uuid primary key,
  last_id bigint not null
);

create table muster.membership (
  site_id uuid not null,
  customer_id uuid not null,
  organization_id bigint not null,
  primary key (site_id, customer_id, organization_id),
  foreign key (site_id, customer_id) references muster.customer on delete cascade,
  foreign key (site_id, organization_id) references muster.organization on delete cascade
);
create index membership_by_organization on muster.membership (site_id, organization_id, customer_id);

create table muster.detail_field (
  site_id uuid not null,
  entity text not null check (entity in ('customer', 'organization')),
  field_id text collate "C" not null,
  name text not null,
  name_key text collate "C" not null,
  type text not null,
  options text[] not null,
  position integer not null,
  created_at timestamptz not null default now(),
  primary key (site_id, entity, field_id),
  unique (site_id, entity, name_key)
);

do $$
declare
  owned text;
begin
  foreach owned in array array[
    'task', 'customer', 'organization', 'organization_counter', 'membership', 'detail_field'
  ] loop
    execute format('alter table muster.%I enable row level security', owned);
    execute format('alter table muster.%I force row level security', owned);
    -- The sub-select is evaluated once a statement, not once a row.
    execute format(
      'create policy bound_site on muster.%I using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()))',
      owned);
  end loop;
end
$$;

-- Three times as many accepts a second as with pglz; some builds are without it, the bundled one among them.
do $$
begin
  alter table muster.task alter column items set compression lz4, alter column results set compression lz4,
    alter column failed_items set compression lz4;
exception when feature_not_supported then
  null;
end
$$;

-- The sites that have work now. Each is looked at under its own binding, so that no
-- statement sees two sites; the caller's binding is gone afterwards.
create function muster.sites_with_work() returns setof uuid
language plpgsql volatile as $$
declare
  candidate uuid;
begin
  for candidate in
    select site_id from muster.lane_note where retry_at is null or retry_at <= clock_timestamp()
  loop
    perform set_config('muster.site', candidate::text, true);
    if exists (select from muster.task where site_id = candidate and ended_at is null) then
      return next candidate;
    end if;
  end loop;
  perform set_config('muster.site', '', true);
end
$$;
