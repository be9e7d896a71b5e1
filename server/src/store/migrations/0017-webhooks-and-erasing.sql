-- Where a site wants to be told of what happened. The secret is kept as it is, because every message is signed with it.
create table muster.webhook (
  site_id uuid not null,
  webhook_id uuid not null default muster.new_id(),
  url text not null,
  events text[] not null,
  is_enabled boolean not null default true,
  -- Whether its receiver has said that it is there no more (410), which is what switched it off.
  is_gone boolean not null default false,
  secret text not null,
  -- The one before, with which messages are signed too until then.
  former_secret text,
  former_secret_until timestamptz,
  -- Since when nothing has arrived; null while messages do.
  failing_since timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (site_id, webhook_id)
);

-- One message to one webhook. What it says is read from the task when it is sent, so nothing of a record is kept here.
create table muster.webhook_delivery (
  site_id uuid not null,
  delivery_id uuid not null default muster.new_id(),
  webhook_id uuid not null,
  task_id uuid not null,
  event text collate "C" not null,
  created_at timestamptz not null default clock_timestamp(),
  -- When it is to be tried; while a process tries it, when another one may. null: never again.
  next_attempt_at timestamptz default clock_timestamp(),
  -- A try that fails later than this is the last one.
  give_up_at timestamptz not null default clock_timestamp() + interval '1 day',
  attempts integer not null default 0,
  last_attempt_at timestamptz,
  delivered_at timestamptz,
  -- What the last try was answered with, or why there was no answer.
  last_status integer,
  last_trouble text,
  primary key (site_id, delivery_id),
  unique (site_id, task_id, webhook_id, event),
  foreign key (site_id, webhook_id) references muster.webhook on delete cascade,
  -- Kept as long as the task.
  foreign key (site_id, task_id) references muster.task on delete cascade
);
create index webhook_delivery_by_webhook on muster.webhook_delivery (site_id, webhook_id, delivery_id);
create index webhook_delivery_due on muster.webhook_delivery (site_id, webhook_id, next_attempt_at)
  where next_attempt_at is not null;

-- As for the other tables, see 0002.
alter table muster.webhook_delivery set (autovacuum_vacuum_scale_factor = 0.02);
alter table muster.webhook_delivery alter column site_id set statistics 0;

do $$
declare
  owned text;
begin
  foreach owned in array array['webhook', 'webhook_delivery'] loop
    execute format('alter table muster.%I enable row level security', owned);
    execute format('alter table muster.%I force row level security', owned);
    execute format(
      'create policy bound_site on muster.%I using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()))',
      owned);
  end loop;
end
$$;

-- Read with the site's settings, so that applying the tasks of a site without webhooks costs nothing for them.
alter table muster.site add column has_webhooks boolean not null default false;

-- What is done to webhooks stands in the audit log, with the origin of the URL alone: what is behind it may be a secret.
create function muster.audit_webhook() returns trigger
language plpgsql volatile as $$
declare
  hook muster.webhook := coalesce(new, old);
begin
  perform muster.add_audit_entry(
    hook.site_id,
    case tg_op
      when 'INSERT' then 'webhook.created'
      when 'DELETE' then 'webhook.deleted'
      else 'webhook.changed'
    end,
    jsonb_build_object(
      'webhookId', hook.webhook_id, 'origin', substring(hook.url from '^[^/]+//[^/]+'), 'events', hook.events,
      'enabled', hook.is_enabled, 'secretChanged', tg_op = 'UPDATE' and old.secret is distinct from new.secret)
  );
  if tg_op <> 'UPDATE' then
    -- Those who make and delete webhooks of one site at once take turns, so that the last one sees what all have left.
    perform from muster.site where site_id = hook.site_id for no key update;
    update muster.site
    set has_webhooks = exists (select from muster.webhook where site_id = hook.site_id)
    where site_id = hook.site_id;
  end if;
  return null;
end
$$;
create trigger audit after insert or delete on muster.webhook
  for each row execute function muster.audit_webhook();
create trigger audit_change after update on muster.webhook
  for each row
  when ((old.url, old.events, old.is_enabled, old.secret) is distinct from (new.url, new.events, new.is_enabled, new.secret))
  execute function muster.audit_webhook();

-- The webhooks that have a message to be tried now. Each site is looked at under its own binding, as in sites_with_work.
create function muster.webhooks_with_work() returns table (due_site_id uuid, due_webhook_id uuid)
language plpgsql volatile as $$
declare
  candidate uuid;
begin
  for candidate in select site_id from muster.site where has_webhooks loop
    perform set_config('muster.site', candidate::text, true);
    return query
      select candidate, webhook_id
      from muster.webhook
      where site_id = candidate and is_enabled and exists (
        select from muster.webhook_delivery
        where site_id = candidate and webhook_delivery.webhook_id = webhook.webhook_id
          and next_attempt_at <= clock_timestamp());
  end loop;
  perform set_config('muster.site', '', true);
end
$$;

-- Whose write it was: what one person is known by can then be erased, also where the chain that leads to it is broken.
alter table muster.single_write add column record_id text collate "C";
