package spec

import "maps"

// The importer walks the document by OpenAPI's own structure, so that it knows
// a schema's description, which is prose, from a property that is called
// description, which is not. What it knows is written down here: an object is
// its fields, and a field says what becomes of its value. A field that is not
// listed stops the import, but for extensions (x-…), which are kept.

var (
	documentObject, infoObject, componentsObject, pathItemObject, operationObject,
	parameterObject, headerObject, requestBodyObject, responseObject, mediaTypeObject,
	encodingObject, schemaObject, discriminatorObject, securitySchemeObject, serverObject, tagObject objectRule
)

// The objects refer to one another, which initialisers of variables may not.
func init() {
	documentObject = objectRule{name: "OpenAPI document", fields: map[string]fieldRule{
		"openapi":           keepValue,
		"jsonSchemaDialect": keepValue,
		"info":              of(&infoObject),
		"servers":           leaveOut, // always /api, see Import
		"security":          keepValue,
		"tags":              listOf(&tagObject),
		"paths":             extensibleMapOf(&pathItemObject),
		"components":        of(&componentsObject),
		"externalDocs":      leaveOut,
	}, finish: needs("info", "paths")}

	infoObject = objectRule{name: "info", fields: map[string]fieldRule{
		"title":          keepText,
		"version":        keepText,
		"summary":        leaveOut,
		"description":    leaveOut,
		"termsOfService": leaveOut,
		"contact":        leaveOut,
		"license":        leaveOut,
	}, finish: needs("title", "version")}

	tagObject = objectRule{name: "tag", fields: map[string]fieldRule{
		"name":         keepValue,
		"description":  leaveOut,
		"externalDocs": leaveOut,
	}}

	serverObject = objectRule{name: "server", fields: map[string]fieldRule{
		"url":         keepValue,
		"variables":   keepValue,
		"description": leaveOut,
	}}

	componentsObject = objectRule{name: "components", fields: map[string]fieldRule{
		"schemas":         mapOf(&schemaObject),
		"responses":       mapOf(&responseObject),
		"parameters":      mapOf(&parameterObject),
		"requestBodies":   mapOf(&requestBodyObject),
		"headers":         mapOf(&headerObject),
		"securitySchemes": mapOf(&securitySchemeObject),
		"examples":        leaveOut,
	}}

	securitySchemeObject = objectRule{name: "security scheme", reference: true, fields: map[string]fieldRule{
		"type":             keepValue,
		"scheme":           keepValue,
		"bearerFormat":     keepValue,
		"name":             keepValue,
		"in":               keepValue,
		"flows":            keepValue,
		"openIdConnectUrl": keepValue,
		"description":      leaveOut,
	}}

	pathItemObject = objectRule{name: "path item", fields: map[string]fieldRule{
		"get":         of(&operationObject),
		"put":         of(&operationObject),
		"post":        of(&operationObject),
		"delete":      of(&operationObject),
		"options":     of(&operationObject),
		"head":        of(&operationObject),
		"patch":       of(&operationObject),
		"trace":       of(&operationObject),
		"parameters":  listOf(&parameterObject),
		"servers":     listOf(&serverObject),
		"summary":     leaveOut,
		"description": leaveOut,
	}}

	operationObject = objectRule{name: "operation", fields: map[string]fieldRule{
		"operationId":  keepValue,
		"tags":         keepValue,
		"deprecated":   keepValue,
		"security":     keepValue,
		"servers":      listOf(&serverObject),
		"parameters":   listOf(&parameterObject),
		"requestBody":  of(&requestBodyObject),
		"responses":    extensibleMapOf(&responseObject),
		"summary":      leaveOut,
		"description":  leaveOut, // but for the facts in it, see readFacts
		"externalDocs": leaveOut,
	}, finish: readFacts}

	parameterFields := map[string]fieldRule{
		"required":        keepValue,
		"deprecated":      keepValue,
		"allowEmptyValue": keepValue,
		"style":           keepValue,
		"explode":         keepValue,
		"allowReserved":   keepValue,
		"schema":          of(&schemaObject),
		"content":         mapOf(&mediaTypeObject),
		"description":     leaveOut,
		"example":         leaveOut,
		"examples":        leaveOut,
	}
	headerObject = objectRule{name: "header", reference: true, fields: parameterFields}
	parameterObject = objectRule{name: "parameter", reference: true, fields: maps.Clone(parameterFields)}
	parameterObject.fields["name"] = keepValue
	parameterObject.fields["in"] = keepValue

	requestBodyObject = objectRule{name: "request body", reference: true, fields: map[string]fieldRule{
		"required":    keepValue,
		"content":     mapOf(&mediaTypeObject),
		"description": leaveOut,
	}}

	responseObject = objectRule{name: "response", reference: true, fields: map[string]fieldRule{
		"description": keepEmpty, // OpenAPI requires one
		"headers":     mapOf(&headerObject),
		"content":     mapOf(&mediaTypeObject),
	}, finish: readErrors}

	mediaTypeObject = objectRule{name: "media type", fields: map[string]fieldRule{
		"schema":   of(&schemaObject),
		"encoding": mapOf(&encodingObject),
		"example":  leaveOut,
		"examples": leaveOut, // but for the errors in them, see readErrors
	}}

	encodingObject = objectRule{name: "encoding", fields: map[string]fieldRule{
		"contentType":   keepValue,
		"headers":       mapOf(&headerObject),
		"style":         keepValue,
		"explode":       keepValue,
		"allowReserved": keepValue,
	}}

	discriminatorObject = objectRule{name: "discriminator", fields: map[string]fieldRule{
		"propertyName": keepValue,
		"mapping":      mapOfRefs,
	}}

	// All of JSON Schema 2020-12, and what OpenAPI adds to it.
	schemaObject = objectRule{name: "schema", fields: map[string]fieldRule{
		"$ref":           reference,
		"$dynamicRef":    keepValue,
		"$anchor":        keepValue,
		"$dynamicAnchor": keepValue,
		"$id":            keepValue,
		"$schema":        keepValue,
		"$vocabulary":    keepValue,
		"$defs":          mapOf(&schemaObject),
		"$comment":       leaveOut,

		"title":        leaveOut,
		"description":  leaveOut,
		"example":      leaveOut,
		"examples":     leaveOut,
		"externalDocs": leaveOut,

		"type":     keepValue,
		"enum":     keepValue,
		"const":    keepValue,
		"default":  keepValue,
		"format":   keepValue,
		"required": keepSorted,

		"minimum":          keepValue,
		"maximum":          keepValue,
		"exclusiveMinimum": keepValue,
		"exclusiveMaximum": keepValue,
		"multipleOf":       keepValue,
		"minLength":        keepValue,
		"maxLength":        keepValue,
		"pattern":          keepValue,
		"minItems":         keepValue,
		"maxItems":         keepValue,
		"uniqueItems":      keepValue,
		"minContains":      keepValue,
		"maxContains":      keepValue,
		"minProperties":    keepValue,
		"maxProperties":    keepValue,

		"properties":            mapOf(&schemaObject),
		"patternProperties":     mapOf(&schemaObject),
		"dependentSchemas":      mapOf(&schemaObject),
		"dependentRequired":     keepValue,
		"additionalProperties":  schemaOrBoolean,
		"unevaluatedProperties": schemaOrBoolean,
		"propertyNames":         of(&schemaObject),
		"items":                 of(&schemaObject),
		"prefixItems":           listOf(&schemaObject),
		"unevaluatedItems":      schemaOrBoolean,
		"contains":              of(&schemaObject),
		"oneOf":                 listOf(&schemaObject),
		"anyOf":                 listOf(&schemaObject),
		"allOf":                 listOf(&schemaObject),
		"not":                   of(&schemaObject),
		"if":                    of(&schemaObject),
		"then":                  of(&schemaObject),
		"else":                  of(&schemaObject),

		"contentEncoding":  keepValue,
		"contentMediaType": keepValue,
		"contentSchema":    of(&schemaObject),

		"deprecated":    keepValue,
		"readOnly":      keepValue,
		"writeOnly":     keepValue,
		"discriminator": of(&discriminatorObject),
		"xml":           keepValue,
	}}
}
