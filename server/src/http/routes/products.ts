import { NewProduct, Product, productScopes, readScopes, Type } from "@muster/client/contract";

import { show } from "../../domain/fault.ts";
import { ItemReader } from "../../domain/item-reader.ts";
import { type Name, readName } from "../../domain/name.ts";
import { uuidForm } from "../../domain/record.ts";
import { nameProducts } from "../../store/load-entitled.ts";
import {
	deleteProduct,
	findProduct,
	insertProduct,
	listProducts,
	renameProduct,
} from "../../store/products.ts";
import { refuse } from "../detail-fields.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";
import { whilePassing } from "../write-record.ts";

const tag = "Products";
const one = "product/{productId}";
const answer = { status: 200, description: "The product", guide: Product, reference: Product } as const;
const query = Type.Object({ ...pageParameters });
const referencePage = Type.Object({
	results: Type.Array(Product),
	nextPageCursor: Type.Optional(Type.String()),
});

export const productRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "products",
		id: "product.list",
		tag,
		summary: "List products, oldest first",
		scope: readScopes.product,
		query,
		answers: [
			{ status: 200, description: "A page of products", guide: pageOf(Product), reference: pageOf(Product) },
		],
		handle: async (call) => {
			const { page, more } = await pageOfProducts(call);
			return { status: 200, body: { results: page, ...more } };
		},
	},
	{
		method: "GET",
		path: "product",
		id: "product.page",
		tag,
		summary: "List products, as the reference does",
		description: "The same list as `products`; what leads to the next page is called `nextPageCursor`.",
		scope: readScopes.product,
		query,
		answers: [
			{ status: 200, description: "A page of products", guide: referencePage, reference: referencePage },
		],
		handle: async (call) => {
			const { page, more } = await pageOfProducts(call);
			const { nextCursor } = more;
			return {
				status: 200,
				body: { results: page, ...(nextCursor === undefined ? {} : { nextPageCursor: nextCursor }) },
			};
		},
	},
	{
		method: "POST",
		path: "product",
		id: "product.create",
		tag,
		summary: "Make a product",
		scope: productScopes.write,
		bodies: [{ name: "product", schema: NewProduct, example: { name: "Phone support" } }],
		answers: [answer],
		problems: ["conflict"],
		handle: create,
	},
	{
		method: "GET",
		path: one,
		id: "product.get",
		tag,
		summary: "Read a product",
		scope: readScopes.product,
		answers: [answer],
		handle: async (call) => {
			const { siteId } = call.principal;
			const productId = productIdOf(call);
			return replyWith(
				await call.services.database.inSite(siteId, (transaction) =>
					findProduct(transaction, siteId, productId),
				),
			);
		},
	},
	{
		method: "PUT",
		path: one,
		id: "product.rename",
		tag,
		summary: "Rename a product",
		scope: productScopes.write,
		bodies: [{ name: "product", schema: NewProduct, example: { name: "Premium support, all hours" } }],
		answers: [answer],
		problems: ["conflict"],
		handle: rename,
	},
	{
		method: "DELETE",
		path: one,
		id: "product.delete",
		tag,
		summary: "Delete a product with its entitlements",
		scope: productScopes.delete,
		answers: [{ status: 204, description: "The product and its entitlements are gone" }],
		handle: async (call) => {
			const { siteId } = call.principal;
			const productId = productIdOf(call);
			const isDeleted = await whilePassing(() =>
				call.services.database.inSite(siteId, (transaction) => deleteProduct(transaction, siteId, productId)),
			);
			if (!isDeleted) throw notFound();
			return { status: 204 };
		},
	},
];

async function pageOfProducts(call: Call) {
	const { siteId } = call.principal;
	const limit = pageLimitOf(call.query);
	const after = call.query.cursor(uuidForm);
	const found = await call.services.database.inSite(siteId, (transaction) =>
		listProducts(transaction, siteId, { after, limit: limit + 1 }),
	);
	return cutPage(found, limit, (last) => last.id);
}

async function create(call: Call): Promise<Reply> {
	const { siteId } = call.principal;
	const name = readBody(call);
	const made = await whilePassing(() =>
		call.services.database.inSite(siteId, (transaction) => insertProduct(transaction, siteId, name)),
	);
	if (made === null) throw nameTaken(name);
	return replyWith(made);
}

async function rename(call: Call): Promise<Reply> {
	const { siteId } = call.principal;
	const productId = productIdOf(call);
	const name = readBody(call);
	// A name that is taken in between is found by the next try.
	return whilePassing(() =>
		call.services.database.inSite(siteId, async (transaction) => {
			if ((await findProduct(transaction, siteId, productId)) === null) throw notFound();
			const [holder] = await nameProducts(transaction, siteId, { ids: [], keys: [name.key] });
			if (holder !== undefined && holder.id !== productId) throw nameTaken(name);
			return replyWith(await renameProduct(transaction, siteId, productId, name));
		}),
	);
}

/** What cannot be an id of a product is as unknown as an unknown id. */
function productIdOf(call: Call): string {
	const { productId = "" } = call.params;
	if (!uuidForm.test(productId)) throw notFound();
	return productId;
}

function readBody(call: Call): Name {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["name"]);
	const reader = ItemReader.of(body);
	const text = reader?.text("name");
	refuse("invalid_request", reader?.faults ?? []);
	const name = readName(text ?? "", "/name", "name");
	if (!("code" in name)) return name;
	throw new ProblemError("invalid_request", `${name.message} Nothing was saved.`);
}

function nameTaken(name: Name): ProblemError {
	return new ProblemError(
		"conflict",
		`Another product of this site has the name ${show(name.text)}. Nothing was saved.`,
	);
}

function replyWith(product: Product | null): Reply {
	if (product === null) throw notFound();
	return { status: 200, body: product };
}
