import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.xml.sax.SAXException;

/** The JDK's javax.xml.validation as a peer: one argument per schema; for each line "INDEX BASE64" of standard input, what that schema says of that XML document, on a line. */
class Xerces {
    public static void main(String[] paths) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        List<Schema> schemas = new ArrayList<>();
        for (String path : paths) {
            schemas.add(factory.newSchema(new File(path)));
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] parts = line.split(" ");
            byte[] document = Base64.getDecoder().decode(parts[1]);
            try {
                schemas.get(Integer.parseInt(parts[0])).newValidator().validate(new StreamSource(new ByteArrayInputStream(document)));
                System.out.println("valid");
            } catch (SAXException fault) {
                System.out.println("invalid " + String.valueOf(fault.getMessage()).replaceAll("\\s+", " "));
            }
        }
    }
}
