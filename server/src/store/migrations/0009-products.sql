create table muster.product (
  site_id uuid not null,
  product_id uuid not null default muster.new_id(),
  name text not null,
  name_key text collate "C" not null,
  created_at timestamptz not null default now(),
  primary key (site_id, product_id),
  unique (site_id, name_key)
);

-- A customer or an organization is associated with a product once.
create table muster.entitlement (
  site_id uuid not null,
  entitlement_id uuid not null default muster.new_id(),
  product_id uuid not null,
  customer_id uuid,
  organization_id bigint,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (site_id, entitlement_id),
  unique (site_id, customer_id, product_id),
  unique (site_id, organization_id, product_id),
  foreign key (site_id, product_id) references muster.product on delete cascade,
  foreign key (site_id, customer_id) references muster.customer on delete cascade,
  foreign key (site_id, organization_id) references muster.organization on delete cascade,
  check (num_nonnulls(customer_id, organization_id) = 1)
);
create index entitlement_by_product on muster.entitlement (site_id, product_id, entitlement_id);

-- As for the other tables of records, see 0002.
alter table muster.entitlement
  set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table muster.entitlement alter column site_id set statistics 0;
alter table muster.product alter column site_id set statistics 0;

alter table muster.detail_field drop constraint detail_field_entity_check;
alter table muster.detail_field add constraint detail_field_entity_check
  check (entity in ('customer', 'organization', 'entitlement'));

do $$
declare
  owned text;
begin
  foreach owned in array array['product', 'entitlement'] loop
    execute format('alter table muster.%I enable row level security', owned);
    execute format('alter table muster.%I force row level security', owned);
    execute format(
      'create policy bound_site on muster.%I using (site_id = (select muster.bound_site())) with check (site_id = (select muster.bound_site()))',
      owned);
  end loop;
end
$$;
