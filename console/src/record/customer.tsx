import { getRouteApi } from "@tanstack/react-router";
import { RecordScreen } from "./record.tsx";

const route = getRouteApi("/shell/customers/$id");

export function Customer() {
	return <RecordScreen entity="customer" id={route.useParams().id} />;
}
