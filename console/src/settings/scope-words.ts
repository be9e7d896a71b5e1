/** A scope without what all of them end with, which says nothing. */
export function shortScope(scope: string): string {
	return scope.replace(":jira-service-management", "");
}
