import type pg from "pg";

/** Lets the database refuse poison@acme.com, in a way that no rule of ours foresees. */
export async function refusePoison(admin: pg.Client): Promise<void> {
	await admin.query(`
		create function muster.refuse_poison() returns trigger language plpgsql as $$
		begin
			if new.email = 'poison@acme.com' then raise exception 'poison'; end if;
			return new;
		end $$;
		create trigger refuse_poison before insert on muster.customer
			for each row execute function muster.refuse_poison()`);
}
