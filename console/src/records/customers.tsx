import { getRouteApi } from "@tanstack/react-router";
import { RecordList } from "./records.tsx";

const route = getRouteApi("/shell/customers");

export function Customers() {
	const search = route.useSearch();
	const navigate = route.useNavigate();
	return (
		<RecordList
			entity="customer"
			search={search}
			onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
		/>
	);
}
