-- A NUMBER's value, to compare it by. null for an exponent of five digits or more, which PostgreSQL may not be able to
-- hold: it is kept and shown as it was sent, and no range has it.
create function muster.number_of(digits text) returns numeric
language sql immutable parallel safe
return case
  -- Nearly every number is a whole one, and a pattern takes twice as long as this.
  when digits <> '' and translate(digits, '0123456789', '') = '' then digits::numeric
  when digits ~ '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,4})?$' then digits::numeric
end;

-- Ids of a site's records behind one, in their order, that hold each of the words, by the indexes that `muster search-index`
-- makes. null where there is no such index, or where more than `most` have the words: then whoever asks reads the records
-- in their order. The words are in lower case, without letters beyond ASCII, and hold three letters or digits in a row.
--
-- Row-level security keeps LIKE out of every index, because it might tell what it sees. So this runs as the owner of the
-- tables, and holds the wall itself: it answers for the site that is bound and for no other. An owner whom row-level
-- security binds too gets null.
create function muster.find_by_words(site uuid, entity text, words text[], behind text, most integer) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_indexscan = off
set enable_bitmapscan = on
as $$
declare
  searched text := case entity
    when 'customer' then 'lower((email || '' '' || display_name) collate "C")'
    when 'organization' then 'name_key'
  end;
  id text := entity || '_id';
  patterns text;
  found text[];
begin
  if site is distinct from muster.bound_site() then
    return '{}';
  end if;
  if row_security_active('muster.' || entity) or not exists (
    select from pg_index where indexrelid = to_regclass('muster.' || entity || '_search') and indisvalid
  ) then
    return null;
  end if;
  select string_agg(format('%s like %L', searched, '%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%'), ' and ')
  into patterns
  from unnest(words) as word;
  -- What names the site and the place stands in conditions that no index knows: any index that begins with site_id would
  -- seem as good as the one by words.
  execute format(
    'select array_agg(found.id::text order by found.id)
    from (
      select %1$I as id from muster.%2$I
      where %3$s and (site_id = $1) is true and (%1$I > $2::%4$s or $2 is null) is true
      limit $3 + 1
    ) as found',
    id, entity, patterns, case entity when 'customer' then 'uuid' else 'bigint' end)
  into found using site, behind, most;
  return case when cardinality(found) > most then null else coalesce(found, '{}') end;
end
$$;
revoke execute on function muster.find_by_words from public;
