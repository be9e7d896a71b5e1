/** Where the API stands. The dialect of an answer is chosen by the base path alone. */

export type Dialect = "guide" | "reference";

/** The guide's base: the site comes from the token. */
export const guideBase = "/api/v1";
/** The reference's bases: with the site's id in the path, and without. */
export const referenceBase = "/jsm/csm/api/v1";
export const referenceSiteBase = "/jsm/csm/cloudid/{cloudId}/api/v1";

export function dialectBase(dialect: Dialect, siteId?: string): string {
	if (dialect === "guide") return guideBase;
	return siteId === undefined ? referenceBase : referenceSiteBase.replace("{cloudId}", siteId);
}
