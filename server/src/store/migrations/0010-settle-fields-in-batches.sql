-- A deleted field is out of use at once, and a renamed option has its new name at once. What records still have of before
-- goes in batches, so that nobody waits while millions of them are written: until that is done, the field's row says so.
alter table muster.detail_field
  -- The row stays, and keeps its id from being given again, until the last record has lost its value.
  add column deleted_at timestamptz,
  -- Options by their old names, with the new ones.
  add column renamed jsonb,
  -- Only fields in use have names of their own.
  alter column name_key drop not null,
  add check (deleted_at is not null or name_key is not null);
