import type { Entity } from "@muster/client/contract";

/** A column with the products that a record is entitled to by itself, by name, for a statement on the table of its entity; $1 is the site. */
export function productsOf(entity: Entity): string {
	return `
		coalesce((
			select json_agg(json_build_object('id', product.product_id, 'name', product.name)
				order by product.name_key)
			from muster.entitlement
			join muster.product
				on product.site_id = entitlement.site_id and product.product_id = entitlement.product_id
			where entitlement.site_id = $1 and entitlement.${entity}_id = ${entity}.${entity}_id
		), '[]') as products`;
}
