import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { endedImport, type FileAsk, sendFile } from "./import-files.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

async function run(site: TestSite, file: string | Uint8Array, ask: FileAsk = {}) {
	const answer = await sendFile(site, file, { format: "csv", ...ask });
	expect(answer.status, answer.text).toBe(202);
	return endedImport(site, answer.body.importId);
}

async function failedFile(site: TestSite, importId: string): Promise<string> {
	return (await site.get(`imports/${importId}/results?outcome=failed`)).text;
}

test("columns are matched as the importer matches them, by header, values and the site's fields, and the import tells how", async () => {
	const site = await muster.aSite();
	await site.post("customer/details", {
		name: "Support tier",
		type: { name: "SELECT", options: ["Free", "Premium"] },
	});
	await site.post("customer/details", { name: "Since", type: "DATE" });
	await site.post("organization", { name: "Acme, Inc." });
	const file = [
		"No.;First Name;Surname;E-Mail;Company;support_tier;Since;Notes",
		'1;Jane;Smith;jane@acme.com;"Acme, Inc.";premium;31.12.2021;"two\r\nlines; one cell"',
		'2;Bob;;bob@acme.com;;;13.01.2022;"5"" pipe"',
		"",
	].join("\r\n");
	const found = await run(site, `\ufeff${file}`);
	expect(found.columns).toEqual([
		{ column: "No.", target: "skip" },
		{ column: "First Name", target: "firstName" },
		{ column: "Surname", target: "lastName" },
		{ column: "E-Mail", target: "email" },
		{ column: "Company", target: "organization" },
		{ column: "support_tier", target: "details.Support tier", type: "SELECT" },
		{ column: "Since", target: "details.Since", type: "DATE" },
		{ column: "Notes", target: "details.Notes" },
	]);
	expect(found.summary).toMatchObject({ total: 2, created: 2, failed: 0 });
	expect((await site.get("customers")).body.results).toMatchObject([
		{
			email: "jane@acme.com",
			displayName: "Jane Smith",
			details: { "support-tier": "Premium", since: "2021-12-31", notes: "two\r\nlines; one cell" },
			organizations: [{ name: "Acme, Inc." }],
		},
		{ email: "bob@acme.com", displayName: "Bob", details: { since: "2022-01-13", notes: '5" pipe' } },
	]);
});

test("results have the columns that were sent; those that failed are corrected and sent again as they are", async () => {
	const site = await muster.aSite();
	await site.post("customer/details", { name: "Seats", type: "NUMBER" });
	const file = [
		"Mail,Seats,Phone",
		"jane@acme.com,3,+1",
		"bob at acme.com,three,=1+1",
		"",
		"carol@acme.com,4,5,6",
		"dave@acme.com,7",
		'eve@acme.com,"1,000",',
	].join("\n");
	const found = await run(site, file);
	expect(found).toMatchObject({ unreadableLines: 1, summary: { total: 5, created: 2, failed: 3 } });
	const header = "Mail,Seats,Phone";
	const id = /qm:[0-9a-f:-]+/g;
	const { text, headers } = await site.get(`imports/${found.importId}/results`);
	expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
	const seats = 'Invalid detail field value for ""Seats""';
	const hint =
		"Write digits, with a point before decimals and nothing between thousands, such as 1000 or -12.5.";
	const failed = {
		bob: `3,invalid_email invalid_detail_value,"Invalid email format: ""bob at acme.com"" has no @. ${seats}: ""three"" is not a number.","${hint}"`,
		carol:
			'5,too_many_cells,"The row has 4 cells, and there are 3 columns. It was not sent.",A cell that holds the delimiter has to stand in quotes.',
		eve: `7,invalid_detail_value,"${seats}: ""1,000"" is not a number.",Did you mean 1000?`,
	};
	expect(text.replace(id, "ID").split("\n")).toEqual([
		`${header},outcome,id,line,code,error,hint`,
		"jane@acme.com,3,'+1,created,ID,2,,,",
		`bob at acme.com,three,'=1+1,failed,,${failed.bob}`,
		`carol@acme.com,4,5,failed,,${failed.carol}`,
		"dave@acme.com,7,,created,ID,6,,,",
		`eve@acme.com,"1,000",,failed,,${failed.eve}`,
		"",
	]);
	const toCorrect = await failedFile(site, found.importId);
	expect(toCorrect.split("\n")).toEqual([
		`${header},line,code,error,hint`,
		`bob at acme.com,three,'=1+1,${failed.bob}`,
		`carol@acme.com,4,5,${failed.carol}`,
		`eve@acme.com,"1,000",,${failed.eve}`,
		"",
	]);
	const corrected = toCorrect
		.replace("bob at", "bob@")
		.replace("@ acme", "@acme")
		.replace("three", "3")
		.replace('"1,000"', "1000");
	expect((await run(site, corrected)).summary).toMatchObject({ total: 3, created: 3, failed: 0 });
	expect((await site.get("customers?email=bob@")).body.results).toMatchObject([
		{ details: { phone: "=1+1" } },
	]);
});

test("a caller says what a column is where its header does not, and how days are written", async () => {
	const site = await muster.aSite();
	await site.post("customer/details", { name: "Since", type: "DATE" });
	const query = new URLSearchParams({ operation: "customer.profile", dates: "dmy" });
	for (const column of ["Kontakt=email", "X=Y=details.Tier", "Privat=skip", "Seit=details.Since"]) {
		query.append("column", column);
	}
	const found = await run(site, "Kontakt,X=Y,Privat,Since,Seit\na@acme.com,Gold,secret,03.04.2021,\n", {
		query: query.toString(),
	});
	expect(found.summary).toMatchObject({ created: 1, failed: 0 });
	expect((await site.get("customers")).body.results).toMatchObject([
		{ email: "a@acme.com", details: { since: "2021-04-03", tier: "Gold" } },
	]);
	for (const wish of ["Nobody=email", "Kontakt=nothing", "Kontakt"]) {
		const refused = await sendFile(site, "Kontakt\na@acme.com\n", {
			format: "csv",
			query: `operation=customer.profile&column=${encodeURIComponent(wish)}`,
		});
		expect([refused.status, refused.body.code], wish).toEqual([400, "unusable_columns"]);
		expect(refused.body.detail).toContain(JSON.stringify(wish));
	}
});

test("a site that makes no fields refuses columns that it has no field for, and takes them where they are left out", async () => {
	const site = await muster.aSite({ unknownFields: "fail" });
	const file = "email,Colour\na@acme.com,red\n";
	const refused = await sendFile(site, file, { format: "csv" });
	expect([refused.status, refused.body.detail]).toEqual([
		400,
		"The site has no fields for the columns Colour, and is set not to make any. Define them first, or leave them out with ?column=Header=skip. Nothing was saved.",
	]);
	const found = await run(site, file, { query: "operation=customer.profile&column=Colour=skip" });
	expect(found.summary).toMatchObject({ created: 1, failed: 0 });
});

test("a quote that is never closed fails its line, and the rows beneath it take effect", async () => {
	const site = await muster.aSite();
	const rows = Array.from({ length: 60_000 }, (_, place) => `p${place}@acme.com,P ${place} of many`);
	rows[1_000] = '"open@acme.com,never closed';
	const found = await run(site, `email,name\n${rows.join("\n")}\n`);
	expect(found.summary).toMatchObject({ total: 60_000, created: 59_999, failed: 1 });
	expect((await failedFile(site, found.importId)).split("\n")[1]).toBe(
		'"""open@acme.com,never closed",,1002,unreadable_line,What begins in this line does not end within 1 MiB.,"In a CSV, a quote is opened here and never closed, most likely."',
	);
});

test("bytes that are no UTF-8 fail their row", async () => {
	const site = await muster.aSite();
	const file = Buffer.concat([
		Buffer.from("email,name\na@acme.com,Zoë\n"),
		Buffer.from("b@acme.com,Zoë\n", "latin1"),
	]);
	const found = await run(site, file);
	expect(found.summary).toMatchObject({ total: 2, created: 1, failed: 1 });
	expect(await failedFile(site, found.importId)).toContain("3,unreadable_line,The line is not valid UTF-8.");
});
