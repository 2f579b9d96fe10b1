import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads manifests on standard input with the Kubernetes client's models: an unknown field, a missing one or a wrong type ends it. */
final class ReadManifests {

    private interface Check {
        void validate(JsonElement manifest) throws java.io.IOException;
    }

    private static final Map<String, Check> KINDS = Map.of(
            "ConfigMap", V1ConfigMap::validateJsonElement,
            "DaemonSet", V1DaemonSet::validateJsonElement,
            "Namespace", V1Namespace::validateJsonElement,
            "ServiceAccount", V1ServiceAccount::validateJsonElement,
            // A resource of the Prometheus operator; the client has no model of it.
            "PodMonitor", manifest -> {});

    public static void main(String[] arguments) throws Exception {
        new JSON(); // sets up what the models read with
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromInputStream(System.in)) {
            JsonElement manifest = new Gson().toJsonTree(document);
            String kind = manifest.getAsJsonObject().get("kind").getAsString();
            KINDS.get(kind).validate(manifest);
            System.out.println(kind + ": read");
        }
    }
}
