import type { Service } from "../service.ts";
import { policyOf, shareBuckets } from "./access.ts";
import { getBucketAcl, getObjectAcl, putBucketAcl, putObjectAcl } from "./acl.ts";
import { settingOperations } from "./bucket-settings.ts";
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from "./buckets.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import * as control from "./control-tags.ts";
import { copyObject } from "./copy-object.ts";
import { deleteObject, deleteObjects } from "./delete-objects.ts";
import { recover } from "./files.ts";
import { getObject, headObject } from "./get-object.ts";
import {
  deleteBucketLifecycle,
  expireObjects,
  getBucketLifecycleConfiguration,
  putBucketLifecycleConfiguration,
} from "./lifecycle.ts";
import { listObjects, listObjectsV2 } from "./list-objects.ts";
import { mapOfBuckets } from "./map.ts";
import { getBucketNotificationConfiguration, putBucketNotificationConfiguration } from "./notifications.ts";
import { getObjectAttributes, listObjectVersions } from "./object-attributes.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "./object-tagging.ts";
import { listParts, uploadPart, uploadPartCopy } from "./parts.ts";
import { putObject } from "./put-object.ts";
import { s3Limits } from "./quotas.ts";
import { createS3Sink } from "./sink.ts";
import { STORED_LOG } from "./stored-log.ts";
import { abortMultipartUpload, createMultipartUpload, isPartOfUpload, listMultipartUploads } from "./uploads.ts";

export { hasBucket } from "./bucket.ts";
export {
  type BucketFile,
  type BucketFiles,
  type BytePart,
  ownBucket,
} from "./bucket-files.ts";
export { outsideBucket } from "./outside-bucket.ts";
export { type OutsideS3, OutsideS3Error, putOutside } from "./outside-s3.ts";
export { storeFile } from "./store-file.ts";
export { STORED_LOG, type StoredKey } from "./stored-log.ts";

export const s3: Service = {
  map: mapOfBuckets,
  operations: {
    s3: shareBuckets({
      ...settingOperations,
      DeleteBucketLifecycle: deleteBucketLifecycle,
      GetBucketAcl: getBucketAcl,
      GetBucketLifecycleConfiguration: getBucketLifecycleConfiguration,
      GetBucketNotificationConfiguration: getBucketNotificationConfiguration,
      GetObjectAcl: getObjectAcl,
      GetObjectAttributes: getObjectAttributes,
      ListObjectVersions: listObjectVersions,
      PutBucketAcl: putBucketAcl,
      PutBucketLifecycleConfiguration: putBucketLifecycleConfiguration,
      PutBucketNotificationConfiguration: putBucketNotificationConfiguration,
      PutObjectAcl: putObjectAcl,
      AbortMultipartUpload: abortMultipartUpload,
      CompleteMultipartUpload: completeMultipartUpload,
      CopyObject: copyObject,
      CreateBucket: createBucket,
      CreateMultipartUpload: createMultipartUpload,
      DeleteBucket: deleteBucket,
      DeleteObject: deleteObject,
      DeleteObjectTagging: deleteObjectTagging,
      DeleteObjects: deleteObjects,
      GetBucketLocation: getBucketLocation,
      GetObject: getObject,
      GetObjectTagging: getObjectTagging,
      HeadBucket: headBucket,
      HeadObject: headObject,
      ListBuckets: listBuckets,
      ListMultipartUploads: listMultipartUploads,
      ListObjects: listObjects,
      ListObjectsV2: listObjectsV2,
      ListParts: listParts,
      PutObject: putObject,
      PutObjectTagging: putObjectTagging,
      UploadPart: uploadPart,
      UploadPartCopy: uploadPartCopy,
    }),
    s3control: {
      ListTagsForResource: control.listTagsForResource,
      TagResource: control.tagResource,
      UntagResource: control.untagResource,
    },
  },
  policies: { s3: policyOf },
  limits: s3Limits,
  async start(platform) {
    await platform.store.commit(async (unit) => unit.declareLog(STORED_LOG));
    expireObjects(platform);
    platform.flow.sink("s3", "", createS3Sink(platform));
    await recover(platform, (content) => isPartOfUpload(platform, content));
  },
};
