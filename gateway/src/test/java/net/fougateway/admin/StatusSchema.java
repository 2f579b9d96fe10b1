package net.fougateway.admin;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code docs/status.schema.json}, which describes the {@code /status} document to programs. */
public final class StatusSchema {

    private StatusSchema() {}

    /** The text of the schema. */
    public static String text() throws IOException {
        return Files.readString(Path.of("../docs/status.schema.json"));
    }

    /** Where a document differs from the schema, or has more than it, one sentence each; empty when it does not. */
    public static List<String> differences(String document) throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(
                        text().replace("\"required\":", "\"additionalProperties\": false, \"required\":"),
                        InputFormat.JSON);
        return schema
                .validate(
                        document,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream()
                .map(Object::toString)
                .toList();
    }
}
