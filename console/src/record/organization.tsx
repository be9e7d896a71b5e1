import { getRouteApi } from "@tanstack/react-router";
import { RecordScreen } from "./record.tsx";

const route = getRouteApi("/shell/organizations/$id");

export function Organization() {
	return <RecordScreen entity="organization" id={route.useParams().id} />;
}
