import type { Name } from "../domain/name.ts";
import type { Transaction } from "./database.ts";

export interface StoredProduct {
	readonly id: string;
	readonly name: string;
}

const listStatement = {
	name: "list-products",
	text: `
		select product_id as id, name
		from muster.product
		where site_id = $1 and product_id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
		order by product_id
		limit $3`,
};

/** A site's products, oldest first, behind the one of the id `after`. */
export function listProducts(
	transaction: Transaction,
	siteId: string,
	page: { readonly after: string | undefined; readonly limit: number },
): Promise<StoredProduct[]> {
	return transaction.query<StoredProduct>(listStatement, [siteId, page.after ?? null, page.limit]);
}

const findStatement = {
	name: "find-product",
	text: "select product_id as id, name from muster.product where site_id = $1 and product_id = $2",
};

export async function findProduct(
	transaction: Transaction,
	siteId: string,
	productId: string,
): Promise<StoredProduct | null> {
	const [found] = await transaction.query<StoredProduct>(findStatement, [siteId, productId]);
	return found ?? null;
}

const insertStatement = {
	name: "insert-product",
	text: `
		insert into muster.product (site_id, name, name_key) values ($1, $2, $3)
		on conflict do nothing
		returning product_id as id, name`,
};

/** @returns the product, or null where its name is taken */
export async function insertProduct(
	transaction: Transaction,
	siteId: string,
	name: Name,
): Promise<StoredProduct | null> {
	const [made] = await transaction.query<StoredProduct>(insertStatement, [siteId, name.text, name.key]);
	return made ?? null;
}

const renameStatement = {
	name: "rename-product",
	text: `
		update muster.product set name = $3, name_key = $4
		where site_id = $1 and product_id = $2
		returning product_id as id, name`,
};

/** @returns the product, or null where there is none of that id. @throws 23505 where the name is taken */
export async function renameProduct(
	transaction: Transaction,
	siteId: string,
	productId: string,
	name: Name,
): Promise<StoredProduct | null> {
	const values = [siteId, productId, name.text, name.key];
	const [renamed] = await transaction.query<StoredProduct>(renameStatement, values);
	return renamed ?? null;
}

const deleteStatement = {
	name: "delete-product",
	text: "delete from muster.product where site_id = $1 and product_id = $2",
};

/** Deletes a product with its entitlements. @returns whether there was one */
export async function deleteProduct(
	transaction: Transaction,
	siteId: string,
	productId: string,
): Promise<boolean> {
	return (await transaction.execute(deleteStatement, [siteId, productId])) > 0;
}
