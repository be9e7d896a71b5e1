-- Tasks with failures, which are looked through from the newest on; most tasks have none.
create index task_with_failures on muster.task (site_id, number) where failed_count > 0;
-- Failed items that somebody has dealt with: their places in the task, from 0.
alter table muster.task add column settled integer[] not null default '{}';
