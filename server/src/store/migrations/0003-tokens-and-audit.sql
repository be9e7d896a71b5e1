-- When a token was last used, to the minute.
alter table muster.access_token add column last_used_at timestamptz;

-- What was done to tokens and settings, by whom and from where. It is written by triggers, so that no way of changing
-- them goes without, a statement by hand included; and it is only ever added to.
create table muster.audit_entry (
  site_id uuid not null,
  number bigint not null generated always as identity,
  at timestamptz not null default clock_timestamp(),
  action text collate "C" not null,
  actor text not null,
  origin text not null,
  details jsonb not null,
  primary key (site_id, number)
);
alter table muster.audit_entry enable row level security;
alter table muster.audit_entry force row level security;
create policy bound_site on muster.audit_entry
  using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()));
-- The login of a plain owner; the role that a superuser's queries run as is kept from it where it gets its rights.
revoke update, delete, truncate on muster.audit_entry from current_user;

-- Tokens and sites are changed by transactions that are bound to no site, or to any: this binds for the one row.
create function muster.add_audit_entry(site uuid, action text, details jsonb) returns void
language plpgsql volatile as $$
declare
  bound text := coalesce(current_setting('muster.site', true), '');
begin
  perform set_config('muster.site', site::text, true);
  insert into muster.audit_entry (site_id, action, actor, origin, details)
  values (
    site,
    action,
    coalesce(nullif(current_setting('muster.actor', true), ''), 'database login ' || session_user),
    coalesce(nullif(current_setting('muster.origin', true), ''), host(inet_client_addr()), 'the database''s own machine'),
    details
  );
  perform set_config('muster.site', bound, true);
end
$$;

create function muster.audit_access_token() returns trigger
language plpgsql volatile as $$
declare
  token muster.access_token := coalesce(new, old);
begin
  perform muster.add_audit_entry(
    token.site_id,
    case
      when tg_op = 'INSERT' then 'token.created'
      when tg_op = 'DELETE' then 'token.deleted'
      when old.revoked_at is null and new.revoked_at is not null then 'token.revoked'
      else 'token.changed'
    end,
    jsonb_build_object(
      'tokenId', token.token_id, 'prefix', token.prefix, 'scopes', token.scopes, 'expiresAt', token.expires_at)
  );
  return null;
end
$$;
create trigger audit after insert or delete on muster.access_token
  for each row execute function muster.audit_access_token();
create trigger audit_change after update on muster.access_token
  for each row
  when ((old.site_id, old.token_hash, old.scopes, old.expires_at, old.revoked_at)
    is distinct from (new.site_id, new.token_hash, new.scopes, new.expires_at, new.revoked_at))
  execute function muster.audit_access_token();

create function muster.audit_site() returns trigger
language plpgsql volatile as $$
begin
  if tg_op = 'INSERT' then
    perform muster.add_audit_entry(new.site_id, 'site.created', jsonb_build_object('name', new.name));
  else
    perform muster.add_audit_entry(new.site_id, 'settings.changed', (
      select jsonb_object_agg(key, jsonb_build_object('before', old.settings -> key, 'after', new.settings -> key))
      from jsonb_object_keys(old.settings || new.settings) as key
      where old.settings -> key is distinct from new.settings -> key
    ));
  end if;
  return null;
end
$$;
create trigger audit after insert on muster.site
  for each row execute function muster.audit_site();
create trigger audit_change after update on muster.site
  for each row when (old.settings is distinct from new.settings)
  execute function muster.audit_site();
