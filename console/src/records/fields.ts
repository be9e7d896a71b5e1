import { type Entity, readScopes } from "@muster/client";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { service } from "../service.ts";
import { useMay } from "../session.ts";

export function fieldsQuery(entity: Entity) {
	return queryOptions({
		queryKey: ["fields", entity],
		queryFn: ({ signal }) => service.detailFields(entity, { signal }),
		staleTime: 30_000,
	});
}

/** The detail fields of an entity, in their order; none while they are on their way. */
export function useFields(entity: Entity) {
	const isAllowed = useMay(readScopes[entity]);
	return useQuery({ ...fieldsQuery(entity), enabled: isAllowed }).data ?? [];
}
