import { getRouteApi } from "@tanstack/react-router";
import { RecordList } from "./records.tsx";

const route = getRouteApi("/shell/organizations");

export function Organizations() {
	const search = route.useSearch();
	const navigate = route.useNavigate();
	return (
		<RecordList
			entity="organization"
			search={search}
			onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
		/>
	);
}
